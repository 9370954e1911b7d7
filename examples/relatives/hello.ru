# Rack: an application responds to call(env), and returns status, header fields and a body that yields Strings.
# Rack::Lint stands between server and application, and holds both to the specification.
#
# Run:  go run . examples/relatives/hello.ru
# Try:  curl http://127.0.0.1:8888/any/path

use Rack::Lint
use Rack::Head # a response to HEAD has no body

run lambda { |env|
  body = env["rack.input"].read
  text = "Hello from Rack: #{env["REQUEST_METHOD"]} #{env["PATH_INFO"]} with #{body.bytesize} bytes\n"
  [200, { "content-type" => "text/plain" }, [text]]
}
