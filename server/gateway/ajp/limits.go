package ajp

// LargestPacket is the most that a packet of ours has with its header: "the code sets the maximum to be 8K" (AJPv13
// "Packet Size").
const LargestPacket = 8 << 10

const (
	// LargestChunk is the most content that we send at once: beside it, a Send Body Chunk has a prefix code, a length and
	// a NUL.
	LargestChunk = LargestPacket - headerSize - 1 - integerSize - 1
	// LargestData is the most content that we ask for, and a web server sends at once: a Data packet has a length beside it.
	LargestData = LargestPacket - headerSize - integerSize
)
