# From the name of a file to the application that it runs, or to an error that says what to do.

module Glass
  class LoadFailure < StandardError
    attr_reader :values

    def initialize(kind, detail, hint = "", trace = "")
      super(detail)
      @values = [kind, detail, hint, trace]
    end
  end

  module Load
    def self.application(file)
      raise missing_file(file) unless File.file?(file)
      load_rack
      application = Rack::Builder.parse_file(file)
      application = application.first if application.is_a?(Array) # Rack 2 returns options, too
      return application if application.respond_to?(:call)
      raise LoadFailure.new("not-callable", "#{file} runs #{application.inspect[0, 60]}, which does not respond to call",
                            "an application is ->(env) { [200, {}, ['...']] }, or an object with such a method: def call(env)")
    rescue LoadFailure
      raise
    rescue Exception => error
      raise failure(file, error)
    end

    def self.load_rack
      require "rack"
      require "rack/builder"
      require "rack/rewindable_input"
      require "uri" # which Rack::Lint 2 takes for granted
    rescue LoadError => error
      raise LoadFailure.new("import-missing", "config.ru needs the gem rack, which is not installed: #{error.message}", install("rack"))
    end

    def self.install(gem) = "gem install #{gem}, or on Debian: apt install ruby-#{gem.tr('_', '-')}"

    def self.missing_file(file)
      there = Dir.glob(File.join(File.dirname(file), "*.ru")).map { |path| File.basename(path) }
      hint = there.empty? ? "that folder holds no *.ru; a path is relative to the working directory" : "that folder holds #{there.sort.first(8).join(', ')}"
      LoadFailure.new("file-not-found", "there is no file #{file}", hint)
    end

    def self.failure(file, error)
      trace = Report.full(error)
      case error
      when SyntaxError then LoadFailure.new("syntax-error", error.message.lines.first.chomp, "", error.message.lines.drop(1).join)
      when LoadError then missing(file, error, trace)
      when SystemExit then LoadFailure.new("exit", "#{file} called exit(#{error.status}) while it was loaded", "a config.ru ends with run, and the server calls what that names", trace)
      when RuntimeError
        return LoadFailure.new("exception", "#{file} raised #{Report.one_line(error)}", "", trace) unless error.message.include?("missing run")
        LoadFailure.new("attribute-missing", "#{file} has no line that says run", "end it with the application: run App")
      else LoadFailure.new("exception", "#{file} raised #{Report.one_line(error)}", "", trace)
      end
    end

    def self.missing(file, error, trace)
      name = error.path || error.message[/-- (.*)/, 1] || error.message
      return LoadFailure.new("module-not-found", "#{file} requires #{name}, and there is no such file", "", trace) if name.start_with?("/", ".")
      LoadFailure.new("import-missing", "#{file} requires #{name}, which is not installed", install(name[/[^\/]+/]), trace)
    end
  end
end
