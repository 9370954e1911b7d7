# The application of the tests: the routes of check/glass_probe.py that are about HTTP, and some of our own. Its relatives in
# Perl and JavaScript stand beside it.
require "json"

TEXT = { "content-type" => "text/plain" }.freeze
def argument(env, name) = Rack::Utils.parse_query(env["QUERY_STRING"])[name].to_s
def whole(body, type = "text/plain") = [200, { "content-type" => type, "content-length" => body.bytesize.to_s }, [body]]

# What is noted must be seen in every worker.
module Records
  FOLDER = ENV["RECORDS"]

  def self.add(id, event) = FOLDER && File.open(File.join(FOLDER, "r" + id), "a") { |file| file.puts(event) }
  def self.of(id) = File.readlines(File.join(FOLDER, "r" + id), chomp: true) rescue []
end

# A body with a close().
Blocks = Struct.new(:id, :blocks) do
  def each(&) = blocks.each(&)
  def close = Records.add(id, "closed")
end

def value(value) = value.is_a?(String) ? { type: "str", value: value.dup.force_encoding("ISO-8859-1").encode("UTF-8") } : { type: value.class }

def own_route(name, env)
  case name
  when "cookies" then [200, { "set-cookie" => "a=1\nb=2", "Connection" => "close" }, []] # as Rack 2 has it
  when "two" then [200, { "x-two" => ["1", "2"] }, ["a", "b"]] # as Rack 3 has it
  when "stream" then [200, TEXT, Enumerator.new { |out| argument(env, "n").to_i.times { |i| out << i.to_s * argument(env, "size").to_i } }]
  when "close" then [200, TEXT, Blocks.new(argument(env, "id"), Array.new(argument(env, "n").to_i, "x" * 100_000))]
  when "whole" then [200, TEXT, ["x" * argument(env, "n").to_i] * 2]
  when "raise" then raise ArgumentError, "oh no"
  when "late" then [200, TEXT, Enumerator.new { |out| out << "first"; raise "too late" }]
  when "notbytes" then [200, TEXT, [1]]
  when "nothing" then nil
  when "closefails" then [200, TEXT, Enumerator.new { |out| out << "all" }.tap { |body| def body.close = raise("no close") }]
  when "largehead" then [200, { "x-large" => "x" * 200_000 }, []]
  when "emptyfield" then [200, { "x-empty" => "" }, []]
  when "binary" then raise "oh \xff no \u00e9".b
  when "keep" then ($kept = env["rack.input"]) && whole("kept")
  when "kept" then whole(($kept.read rescue $!.message).to_s)
  when "fork" then fork ? whole("parent") : whole("child")
  when "hang" then sleep 600
  when "busy" then loop { nil }
  when "end" then exit!(3)
  when "exit" then exit(4)
  when "constant" then whole(env["SERVER_NAME"] << "changed")
  when "pid" then whole(Process.pid.to_s)
  when "both" then [200, TEXT, ->(stream) { stream << "read "; stream.write(stream.read, "\n"); stream.close }]
  when "lines" then whole(env["rack.input"].each.map { |line| line.bytesize }.join(","))
  when "rewind"
    first, second = env["rack.input"].read.size, nil
    second = env["rack.input"].rewind && env["rack.input"].read.size if env["rack.input"].respond_to?(:rewind) # Rack 2
    whole("#{first} #{second || first}")
  else [404, TEXT, ["Not found\n"]]
  end
end

at_exit { Records.add("exit", "at_exit") }

run lambda { |env|
  name = env["PATH_INFO"].split("/").reject(&:empty?).first
  case name
  when "probe" then whole('{"probe": 1}', "application/json")
  when "hello" then whole("Hello, world\n")
  when "echo" then whole(env["rack.input"].read, "application/octet-stream")
  when "say" then whole(argument(env, "text"))
  when "environ" then whole(JSON.generate(environ: env.transform_values { |v| value(v) }.merge("wsgi.url_scheme" => value(env["rack.url_scheme"])), type: "builtins.dict", keys: ["str"], cgi: ["str"]), "application/json")
  when "note"
    Records.add(argument(env, "id"), argument(env, "event"))
    whole("noted\n")
  when "receive"
    Records.add(argument(env, "id"), "read #{env['rack.input'].read.bytesize} bytes")
    whole("received\n")
  when "events"
    300.times do
      break if argument(env, "until").empty? || Records.of(argument(env, "id")).include?(argument(env, "until"))
      sleep 0.01
    end
    whole(JSON.generate(Records.of(argument(env, "id"))), "application/json")
  else own_route(name, env)
  end
}
