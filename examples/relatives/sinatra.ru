# Sinatra: https://sinatrarb.com
#
# Run:  go run . examples/relatives/sinatra.ru
# Try:  curl http://127.0.0.1:8888/hello/Ada

require "digest"
require "json"
require "sinatra/base"

class Application < Sinatra::Base
  set :public_folder, File.join(__dir__, "../frameworks/static")
  set :static, false # /static/ is not the folder's own address

  helpers do
    def as_json(value)
      content_type :json
      JSON.generate(value)
    end

    def text
      content_type "text/plain", charset: "utf-8"
    end
  end

  get("/") { text && "Hello from Sinatra" }
  get("/hello/:name") { text && "Hello #{params["name"]}" }
  post("/form") { as_json(params) }
  post("/json") { as_json(JSON.parse(request.body.read)) }

  post "/bytes" do
    content_type "application/octet-stream"
    request.body.read
  end

  post "/upload" do
    content = params["file"]["tempfile"].read
    as_json(filename: params["file"]["filename"], size: content.bytesize, sha256: Digest::SHA256.hexdigest(content))
  end

  get "/stream" do
    text
    stream { |out| 5.times { |number| out << "line #{number}\n" } }
  end

  get "/cookies" do
    response.set_cookie("a", "1")
    response.set_cookie("b", "2")
    "two cookies"
  end

  get("/redirect") { redirect "/", 302 }
  get("/error") { raise "raised in a route" }
  get("/static/*") { |path| send_file File.join(settings.public_folder, path) }
end

run Application
