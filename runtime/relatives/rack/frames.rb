# Frames, as docs/WORKER.md has them: a header (payload length, call, kind), and a payload, whose values are in the format of
# Python's marshal.

require "socket"

module Glass
  REQUEST, DATA, EOF, BODY_ERROR, CREDIT, ABORT, QUIT, CONSTANTS = 1, 2, 3, 4, 5, 6, 7, 8 # from the server
  READY, LOAD_ERROR, START_RESPONSE, RETURNED, CHUNK = 16, 17, 18, 19, 20 # to the server
  READ, DONE, ERROR, ANSWER, WHERE = 22, 23, 24, 27, 31
  BODY_FOLLOWS = 1 # flag of REQUEST
  MAX_FRAME, MAX_BLOCK, MAX_INPUT, FRAME_CHARGE = 128 << 10, 64 << 10, 256 << 10, 64
  OURS = "<glass worker>"

  class ClientGone < IOError; end # nobody waits for the response any more
  class BrokenBody < IOError; end # the client broke the request's body

  # Python's marshal, as far as frames have it.
  class Unmarshal
    def initialize(bytes, native)
      @bytes, @at, @native = bytes, 0, native
    end

    def value
      case type = take(1)
      when "N" then nil
      when "T" then true
      when "F" then false
      when "i" then take(4).unpack1("l<")
      when "z" then take(take(1).ord)
      when "a" then take(size)
      when "u" then @native ? bytes_of(take(size)) : take(size).force_encoding("UTF-8")
      when "(", "[" then Array.new(size) { value }
      when "{" then pairs
      else raise "the server sent a value of type #{type.inspect}"
      end
    end

    private

    def take(count)
      @at += count
      @bytes.byteslice(@at - count, count)
    end

    def size = take(4).unpack1("V")

    def pairs
      all = {}
      all[value] = value until @bytes.getbyte(@at) == 48 # "0"
      @at += 1
      all
    end

    # A native string has a character for each byte: the character's number is the byte.
    def bytes_of(text) = text.force_encoding("UTF-8").encode("ISO-8859-1").b
  end

  def self.unmarshal(bytes, native: true) = Unmarshal.new(bytes, native).value
  def self.native(bytes) = string(bytes.ascii_only? ? bytes : bytes.b.force_encoding("ISO-8859-1").encode("UTF-8"))
  def self.text(text) = string(text.encode("UTF-8", invalid: :replace, undef: :replace).scrub)
  def self.string(utf8) = ["u", utf8.bytesize].pack("aV") << utf8.b
  def self.number(value) = ["i", value].pack("al<")
  def self.tuple(*items) = ["(", items.size].pack("aV") << items.join
  def self.list(items) = ["[", items.size].pack("aV") << items.join

  class Channel
    def initialize(io)
      @io, @writing, @process = io, Mutex.new, Process.pid
    end

    def start_message = Glass.unmarshal(read(read(4).unpack1("V")), native: false)

    def receive
      size, call, kind = read(9).unpack("VVC")
      [kind, call, size > 0 ? read(size) : +""]
    end

    def read(size)
      bytes = @io.read(size)
      exit!(0) if bytes.nil? || bytes.bytesize < size # the server is gone
      bytes
    end

    # The parts of whole frames, in one system call.
    def send(parts)
      exit!(0) if Process.pid != @process # the application has forked, and its child came back here
      @writing.synchronize { @io.write(*parts) }
    rescue SystemCallError
      exit!(0)
    end

    def tell(kind, payload) = send([Glass.header(0, kind, payload.bytesize), payload])
  end

  def self.header(call, kind, size) = [size, call, kind].pack("VVC")
end
