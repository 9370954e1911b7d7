# Reads the body of the request in blocks of 64 KB, and says how much it was.
run lambda { |env|
  size = 0
  while (block = env["rack.input"].read(65_536))
    size += block.bytesize
  end
  body = "#{size}\n"
  [200, { "content-type" => "text/plain", "content-length" => body.bytesize.to_s }, [body]]
}
