# 10 MB in blocks of 64 KB, of a length that nobody was told.
BLOCK = "x" * 65_536
class Blocks
  def each = 160.times { yield BLOCK }
end
run ->(_env) { [200, { "content-type" => "application/octet-stream" }, Blocks.new] }
