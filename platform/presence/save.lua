-- Writes the fields and values that follow the epoch and the time to live, unless another epoch has begun. An empty value deletes
-- its field.
if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end
for i = 3, #ARGV, 2 do
	if ARGV[i + 1] == "" then redis.call("HDEL", KEYS[2], ARGV[i]) else redis.call("HSET", KEYS[2], ARGV[i], ARGV[i + 1]) end
end
redis.call("EXPIRE", KEYS[2], ARGV[2])
return 1
