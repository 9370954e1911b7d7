# Exceptions and stacks as text.

module Glass
  module Report
    NOT_OWN = /\A-e:|#{OURS}|<internal:/
    LIMIT = 12 << 10 # characters; the two ends of a longer text are kept

    def self.one_line(error) = "#{error.class}: #{message(error).lines.first&.chomp}"[0, 2048]

    # An application's text may have any encoding, or none.
    def self.message(error) = error.message.to_s.dup.force_encoding("UTF-8").scrub

    # As Ruby prints it, the latest call first, and what caused it.
    def self.full(error)
      own = (error.backtrace || []).grep_v(NOT_OWN)
      text = "#{own.shift || "?"}: #{message(error)} (#{error.class})\n#{own.map { |line| "\tfrom #{line}\n" }.join}"
      shorten(error.cause ? "#{text}Caused by:\n#{full(error.cause)}" : text)
    end

    def self.shorten(text) = text.size <= LIMIT ? text : "#{text[0, LIMIT / 2]}\n  ...\n#{text[-LIMIT / 2..]}"

    # Where a thread stands: the line, and the stack with the latest call last.
    def self.where(thread)
      own = (thread.backtrace_locations || []).reject { |at| at.to_s.match?(NOT_OWN) }
      return ["", ""] if own.empty?
      source = File.readlines(own[0].absolute_path || own[0].path)[own[0].lineno - 1] rescue nil
      ["#{own[0].path}, line #{own[0].lineno}: #{source.to_s.strip}", shorten(own.reverse.map { |at| "  #{at}\n" }.join)]
    end
  end
end
