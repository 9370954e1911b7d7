# The worker: it loads config.ru, and calls the application in it for each request that the server sends.
#
# REQUEST comes in; START_RESPONSE, RETURNED, a CHUNK for each block and DONE (docs/WORKER.md calls it END) go out. The main
# thread reads; the threads that call the application write.

require "stringio"

module Glass
  class Worker
    def initialize
      @channel = Channel.new(inherited(3))
      @busy, @mailboxes, @requests = {}, {}, Queue.new # @busy: the threads that have a call in hand
      @loading, @leaving, @left = true, Mutex.new, false
      listen(inherited(4))
    end

    def inherited(descriptor)
      io = UNIXSocket.for_fd(descriptor)
      io.close_on_exec = true
      io
    end

    def serve
      @settings = @channel.start_message[1]
      Process.setproctitle(@settings["title"])
      ARGV.clear # it was the title
      $stdout.sync = $stderr.sync = true
      @application = Load.application(@settings["application"])
      @loading = false
      @channel.tell(READY, Glass.tuple(Glass.text(RUBY_VERSION)))
      @settings["threads"].times { Thread.new { work } }
      read_frames
    rescue LoadFailure => failure
      @channel.tell(LOAD_ERROR, Glass.tuple(*failure.values.map { |value| Glass.text(value) }))
    end

    private

    def read_frames
      constants = +""
      loop do
        kind, number, payload = @channel.receive
        case kind
        when REQUEST
          @mailboxes[number] = Queue.new
          @requests << [number, payload, constants]
        when CONSTANTS then constants = payload
        when QUIT then return leave {}
        else @mailboxes[number]&.push([kind, payload]) # else the call has ended meanwhile
        end
      end
    end

    def work
      loop do
        number, payload, constants = @requests.pop
        @busy[Thread.current] = number
        call = Call.new(@channel, number, @mailboxes[number], @settings["window"], @settings["reasons"])
        call.run(@application, env_of(payload, constants, call))
        @busy.delete(Thread.current)
        @mailboxes.delete(number)
      end
    rescue Exception => error # ours: those of the application end in Call#run
      warn error.full_message(highlight: false)
      exit!(1)
    end

    # The environment of Rack's specification, out of WSGI's.
    def env_of(payload, constants, call)
      size = payload.byteslice(1, 4).unpack1("V")
      env = Glass.unmarshal(constants).update(Glass.unmarshal(payload.byteslice(5, size)))
      scheme, multiprocess = env["wsgi.url_scheme"], env["wsgi.multiprocess"]
      env.delete_if { |name, _| name.start_with?("wsgi.") }
      input = StringIO.new(payload.byteslice(5 + size, payload.bytesize).b)
      input = Input.new(call) if payload.getbyte(0) & BODY_FOLLOWS != 0
      env.update("rack.url_scheme" => scheme, "rack.input" => input, "rack.errors" => $stderr, "rack.hijack?" => false)
      return env if Rack.release.to_i >= 3
      env["rack.input"] = Rack::RewindableInput.new(input) if input.is_a?(Input)
      env.update("rack.version" => [1, 3], "rack.multithread" => @settings["threads"] > 1, "rack.multiprocess" => multiprocess, "rack.run_once" => false)
    end

    # The lifeline: the server holds it open as long as it lives, and says "?" or "x".
    def listen(lifeline)
      main = Thread.current
      Thread.new do
        while (order = lifeline.read(1))
          tell_where(main) if order == "?"
          leave { main.raise(SystemExit) } if order == "x" # at_exit blocks run
        end
        Process.kill(:KILL, 0) if Process.getpgrp == Process.pid # the processes that the application started go with us
        exit!(0)
      end
    end

    # Once: a second way out would break off the at_exit blocks of the first.
    def leave
      @leaving.synchronize do
        yield unless @left
        @left = true
      end
    end

    def tell_where(main)
      if @loading
        detail = "the application was still being loaded when the time was up (--start-timeout)"
        hint = "look at the last line below: what does it wait for?"
        values = "timeout", detail, hint, Report.where(main)[1]
        return @channel.tell(LOAD_ERROR, Glass.tuple(*values.map { |value| Glass.text(value) }))
      end
      @busy.to_a.each do |thread, number|
        line, stack = Report.where(thread)
        @channel.tell(WHERE, Glass.tuple(Glass.number(number), Glass.text(line), Glass.text(stack)))
      end
    end
  end
end

Glass::Worker.new.serve
