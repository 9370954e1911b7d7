// Package tutorial holds the course on WSGI: its chapters, and what judges the exercises in them. A chapter is a folder,
// NN-topic, with texts in two languages and chapter.toml; in go the files that somebody wrote for an exercise, out
// comes an Attempt: what was sent, what came back, the first wrong byte, and the name of the mistake. FORMAT.md is the
// page for whoever writes chapters.
//
// Start reading with chapter.go (what a chapter is), then attempt.go (how an exercise is judged).
package tutorial

import "embed"

// Files are the chapters, as they are in this folder.
//
//go:embed [0-9b]*-*
var Files embed.FS
