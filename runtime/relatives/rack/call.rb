# One call of the application, and the frames of its response.

module Glass
  class Call
    NOT_SENT = /\A(rack\..*|connection|keep-alive)\z/i # for servers, or their business; rack.hijack was not offered

    def initialize(channel, number, mailbox, window, reasons)
      @channel, @number, @mailbox, @credit, @reasons = channel, number, mailbox, window, reasons
      @out, @size = [], 0 # parts of frames, and their bytes
    end

    # Frames collect in @out, and leave when the response is complete, a block has to go out, or the call has to wait.
    def run(application, env)
      error = attempt { respond(application.call(env), env["rack.input"]) }
      finish(*ending(error, attempt { @body.close if @body.respond_to?(:close) })) unless @over
    end

    def read_body
      emit(READ, [MAX_INPUT].pack("V"))
      flush
      loop do
        kind, payload = take
        case kind
        when DATA then return payload
        when EOF then return nil
        when BODY_ERROR then raise BrokenBody, payload.force_encoding("UTF-8")
        when ABORT then raise ClientGone, "the client is gone"
        end
      end
    end

    # A block of the body: on its way before the application is asked for the next.
    def block(bytes, leaves: true)
      raise TypeError, "Rack: a body yields Strings, not #{bytes.class}" unless bytes.is_a?(String)
      bytes = bytes.b
      0.step(bytes.bytesize - 1, MAX_BLOCK) { |at| charged(CHUNK, bytes.byteslice(at, MAX_BLOCK)) }
      return unless leaves
      flush
      take until @mailbox.empty?
      raise ClientGone, "the client is gone" if @aborted
    end

    private

    # What a block raises; exit, too: one request must not end the worker.
    def attempt
      yield
      nil
    rescue Exception => error
      error
    end

    def respond(returned, input)
      status, headers, @body = response_of(returned)
      head = head_of(status, headers)
      return finish(ANSWER, [head.bytesize].pack("V") << head << @body[0].b) if one_block?(head)
      charged(START_RESPONSE, head)
      emit(RETURNED, [@body.is_a?(Array) && @body.all?(String) ? @body.sum(&:bytesize) : -1].pack("q<"))
      send_body(@body, input)
    end

    def one_block?(head)
      @body.is_a?(Array) && @body.size == 1 && @body[0].is_a?(String) && head.bytesize + @body[0].bytesize < MAX_BLOCK
    end

    def response_of(returned)
      return returned if returned.respond_to?(:to_ary) && returned.to_ary.size == 3
      raise TypeError, "Rack: an application returns [status, headers, body], and this returned #{returned.inspect[0, 60]}"
    end

    def head_of(status, headers)
      fields = headers.to_enum(:each).flat_map do |name, value| # Rack 2 joins values with line feeds, Rack 3 has them in an Array
        next [] if NOT_SENT.match?(name)
        Array(value).flat_map { |v| v.to_s.empty? ? [""] : v.to_s.split("\n", -1) }.map { |v| Glass.tuple(Glass.native(name.to_s), Glass.native(v)) }
      end
      head = Glass.tuple(Glass.native("#{status.to_i} #{@reasons[status.to_i.to_s]}"), Glass.list(fields), "N")
      raise "Rack: status and headers take #{head.bytesize} bytes; the server passes on at most #{MAX_FRAME}" if head.bytesize > MAX_FRAME
      head
    end

    def send_body(body, input)
      if body.respond_to?(:each)
        body.each { |bytes| block(bytes, leaves: !body.is_a?(Array)) }
      elsif body.respond_to?(:call) # Rack 3 "Streaming Body"
        stream = Stream.new(self, input)
        body.call(stream)
        stream.await_close
      else
        raise TypeError, "Rack: a body responds to each or call, and #{body.class} does not"
      end
    end

    # The last frame, after close(), which is called whatever became of the body. A response that is whole stays so.
    def ending(error, trouble)
      told = error.nil? || error.is_a?(ClientGone) ? trouble : error
      return [DONE, ""] unless told
      texts = [Glass.text(Report.one_line(told)), Glass.text(Report.full(told))]
      told.equal?(trouble) ? [DONE, Glass.tuple(*texts)] : [ERROR, Glass.tuple(*texts, told.is_a?(BrokenBody) ? "T" : "F")]
    end

    def finish(kind, payload)
      emit(kind, payload)
      @over = true
      flush
    end

    def emit(kind, payload)
      raise IOError, "the response has ended; what belongs to one request cannot be kept" if @over
      @out << Glass.header(@number, kind, payload.bytesize) << payload
      @size += payload.bytesize
    end

    # What costs credit waits while there is none: docs/WORKER.md, "Flow control".
    def charged(kind, payload)
      while @credit <= 0
        flush
        take
        raise ClientGone, "the client is gone" if @aborted
      end
      @credit -= payload.bytesize + FRAME_CHARGE
      emit(kind, payload)
      flush if @size >= MAX_BLOCK
    end

    def flush
      @channel.send(@out) unless @out.empty?
      @out, @size = [], 0
    end

    def take
      kind, payload = @mailbox.pop
      @credit += payload.unpack1("V") if kind == CREDIT
      @aborted = true if kind == ABORT
      [kind, payload]
    end
  end
end
