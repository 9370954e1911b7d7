# The smallest answer.
BODY = "Hello, world\n"
run ->(_env) { [200, { "content-type" => "text/plain; charset=utf-8", "content-length" => BODY.bytesize.to_s }, [BODY]] }
