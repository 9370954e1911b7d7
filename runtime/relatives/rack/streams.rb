# What the application reads from and writes to: rack.input, and the stream of a streaming body.

module Glass
  # rack.input, where the body is still under way. Rack 2 wants it rewindable, and wraps it.
  class Input
    def initialize(call)
      @call, @ahead, @ended = call, +"".b, false
    end

    def read(length = nil, buffer = nil)
      fill { length && @ahead.bytesize >= length }
      bytes = @ahead.slice!(0, length || @ahead.bytesize)
      bytes = nil if length && length > 0 && bytes.empty?
      buffer ? (buffer.replace(bytes || ""); bytes && buffer) : bytes
    end

    def gets
      fill { @ahead.include?("\n") }
      @ahead.slice!(0, (@ahead.index("\n") || @ahead.bytesize - 1) + 1) unless @ahead.empty?
    end

    def each
      while (line = gets)
        yield line
      end
    end

    def close; end

    private

    def fill
      until @ended || yield
        bytes = @call.read_body
        bytes ? @ahead << bytes : @ended = true
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
