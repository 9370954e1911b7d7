# What the application reads from and writes to: rack.input, and the stream of a streaming body.

module Glass
  # rack.input, where the body is still under way. Rack 2 wants it rewindable, and wraps it.
  class Input
    def initialize(call)
      @call, @ahead, @at, @ended = call, "".b, 0, false # what has come and was not read begins at @at
    end

    def read(length = nil, buffer = nil)
      fill { length && left >= length }
      bytes = take(length || left)
      bytes = nil if length && length > 0 && bytes.empty?
      buffer ? (buffer.replace(bytes || ""); bytes && buffer) : bytes
    end

    def gets
      fill { @ahead.index("\n", @at) }
      take((@ahead.index("\n", @at) || @ahead.bytesize) + 1 - @at) if left > 0
    end

    def each
      while (line = gets)
        yield line
      end
    end

    def close; end

    private

    def left = @ahead.bytesize - @at

    def take(count)
      bytes = @ahead.byteslice(@at, count)
      @at += bytes.bytesize
      bytes
    end

    def fill
      until @ended || yield
        bytes = @call.read_body
        @ahead, @at = take(left) << (bytes || ""), 0
        @ended = bytes.nil?
      end
    end
  end

  # What a streaming body of Rack 3 reads from and writes to, from any thread, until it closes it.
  class Stream
    def initialize(call, input)
      @call, @input, @closed, @writing = call, input, Queue.new, Mutex.new
    end

    def read(...) = @input.read(...)

    def write(*blocks)
      blocks = blocks.map(&:to_s)
      @writing.synchronize { blocks.each { |bytes| @call.block(bytes) } }
      blocks.sum(&:bytesize)
    rescue ClientGone
      close
      raise
    end

    def <<(bytes)
      write(bytes)
      self
    end

    def flush = self
    def close_read = nil
    def close(_error = nil) = @closed.close
    alias close_write close
    def closed? = @closed.closed?
    def await_close = @closed.pop
  end
end
