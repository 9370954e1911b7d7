# Says what its environment holds: a key, a tab and the value, a line each.
run lambda { |env|
  lines = env.map { |key, value| "#{key}\t".b + (value.is_a?(String) ? value : value.inspect).b + "\n" }
  [200, { "content-type" => "text/plain" }, lines]
}
