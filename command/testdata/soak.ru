# Answers the requests of TestSoak, as soak.py does.

require "digest/sha2" # Digest::SHA256 alone is loaded by its first use, and two threads that use it first can meet half of it (Ruby 3.1)

LEDGER = File.open(ENV.fetch("SOAK_LEDGER"), File::WRONLY | File::APPEND)

Blocks = Struct.new(:id, :count, :fails) do
  def self.block(id, n) = "#{n} of #{id} #{'x' * (37 * n % 5000)}\n"

  def each
    count.times { |n| yield Blocks.block(id, n) }
    raise "in the middle of a response" if fails
  end

  def close = LEDGER.syswrite("closed #{id}\n")
end

def sum(id, input)
  length, digest = 0, Digest::SHA256.new
  while (bytes = input.read(10_000))
    length += bytes.bytesize
    digest << bytes
  end
  ["#{id} #{length} #{digest.hexdigest}"]
end

def written(id, count)
  lambda do |stream|
    count.times { |n| stream.write(Blocks.block(id, n)) }
    stream.close
  end
end

run lambda { |env|
  _, kind, id, count = env["PATH_INFO"].split("/")
  count = Integer(count)
  LEDGER.syswrite("called #{id}\n")
  raise "before the response" if kind == "raise"
  headers = { "content-type" => "text/plain", "x-id" => env["HTTP_X_ID"] }
  headers["content-length"] = count.times.sum { |n| Blocks.block(id, n).bytesize }.to_s if kind == "sized"
  body =
    case kind
    when "write" then written(id, count)
    when "sum" then sum(id, env["rack.input"])
    when "pid" then [Process.pid.to_s]
    when "hello" then ["hello ", id]
    else Blocks.new(id, count, kind == "break")
    end
  [200, headers, body]
}
