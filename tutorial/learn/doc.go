// Package learn is somebody's way through the course: a folder with their files, a state that remembers how far they are,
// a watch on the files, and a terminal. In go files that are saved and words that are typed; out come attempts, hints,
// and the next thing to do. The pages of tutorial/pages show the same Course.
//
// Start reading with course.go, then terminal.go.
package learn
