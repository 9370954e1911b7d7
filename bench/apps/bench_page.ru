# A page of 64 KB, as a template would have made it.
BODY = "<p>#{"x" * 1017}</p>" * 64
run ->(_env) { [200, { "content-type" => "text/html; charset=utf-8", "content-length" => BODY.bytesize.to_s }, [BODY]] }
