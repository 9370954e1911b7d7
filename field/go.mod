module course

go 1.21
