package highlight

var httpTable = []row{
	{"request", []Word{
		{"f", "POST"}, {"", " "}, {"s", "/a?b=c"}, {"", " "}, {"k", "HTTP/1.1"}, {"", "\n"}, {"b", "Host"},
		{"", ": example.org\n"}, {"b", "Content-Length"}, {"", " : 4\n\n"}, {"k", "<b>"}, {"", "x GET / HTTP/1.1\n"},
	}},
	{"response", []Word{
		{"k", "HTTP/1.1"}, {"", " "}, {"m", "200"}, {"", " OK\n"}, {"b", "Content-Type"},
		{"", ": text/html;charset=utf-8\n\n"}, {"k", `<h1 class="a">`}, {"", "你好"}, {"k", "</h1>"},
		{"", " a < b\n"}, {"k", "HTTP/1.0"}, {"", " "}, {"m", "404"}, {"", " Not Found\n"}, {"b", "X"},
		{"", ": y\n"},
	}},
	{"requests in turn, as they travel", []Word{
		{"f", "M-SEARCH"}, {"", " "}, {"s", "*"}, {"", " "}, {"k", "HTTP/1.0"}, {"", "\r\n\r\n"},
		{"f", "GET"}, {"", " "}, {"s", "http://a/"}, {"", " "}, {"k", "HTTP/1.1"}, {"", "\r\n"}, {"b", "Host"}, {"", ": a\r\n\r\n"},
	}},
	{"no request-line", []Word{{"", "GET  / HTTP/1.1\nGET /\n"}}},
	{"fields alone", []Word{
		{"b", "Host"}, {"", ": a:80\n"}, {"b", "Cookie"}, {"", ": a=1\n…\n"},
	}},
}
