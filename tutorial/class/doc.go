// Package class is the board of a room: who is where in the course, who is stuck and on what, who wants help. In come
// reports of learners who chose to join (a name, a unit, passed or not, how often, the id of a mistake, and nothing else
// of theirs); out come a page for the instructor, which follows by itself, and CSV. Everything is kept in memory, and is
// gone with the program. Refused are reports without the class code, too long names, too many learners, and a name that
// somebody else has.
//
// Start reading with board.go, then server.go; client.go is the learner's side.
package class
