// Package door guards the pages that glass serves to the person at this machine: the inspector, the course, the board of
// a class, the profiles. In goes a request, on goes only one that comes from such a person's browser, or program: its Host
// is no name that an attacker's DNS can point here, no other site asked for it, and it has the cookie that the token of
// the printed address was exchanged for. docs/DOORS.md says what each door lets whom do.
//
// Start reading at Door.Guard.
package door
