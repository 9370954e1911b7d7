package highlight

var consoleTable = []row{
	{"session", []Word{
		{"p", "$ "}, {"f", "curl"}, {"", " -si -H "}, {"s", `"X: $(printf '%05d' 0)"`}, {"", " "},
		{"s", "'http://127.0.0.1:8888/?a=b'"}, {"", " "}, {"c", "# why"}, {"", "\nHTTP/1.1 200 OK\n\ncosts $ 5\n"},
		{"p", "$ "}, {"b", "A=1"}, {"", " "}, {"f", "printf"}, {"", " "}, {"s", `'GET /%%20\r\n\r\n'`}, {"", " | "},
		{"f", "glass"}, {"", " environ > out 2>&1 && "}, {"f", "echo"}, {"", " "}, {"b", "$HOME"}, {"", " "},
		{"b", "${A}"}, {"", "\n"}, {"p", "$ "}, {"f", "cat"}, {"", " a \\\n  b\nc\n"},
	}},
}
