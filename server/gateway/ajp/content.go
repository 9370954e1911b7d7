package ajp

import (
	"encoding/binary"
	"glasswsgi/parser"

	"glasswsgi/server/gateway/token"
)

// continueContent expects more content, unless there is none, or none that the application wants.
func (d *Decoder) continueContent() {
	d.state = expectData
	if d.request.Complete() || d.enough && !d.asked {
		d.endContent()
	}
}

// endContent is the end of the request.
func (d *Decoder) endContent() {
	d.state = expectNothing
	d.Due(token.GotEnd, "Data", specPacket, nil)
}

// WantsNoMore implements token.Decoder: what was not asked for does not come.
func (d *Decoder) WantsNoMore() {
	d.enough = true
	if d.state == expectData {
		d.continueContent()
	}
}

// nextData asks for content, or reads the header of the packet that has it. A packet with nothing in it says that there
// is no more.
//
//	"the server will send back an empty packet, which is a body packet with a payload length of 0" (AJPv13 "Get Body Chunk")
func (d *Decoder) nextData() (token.Event, *parser.SyntaxError) {
	if !d.asked {
		d.asked = true
		return d.ask(expectData), nil
	}
	empty := d.Len() >= headerSize && binary.BigEndian.Uint16(d.Unread()[2:]) == 0
	if empty {
		if err := d.checkEnd(); err != nil {
			return token.Event{}, err
		}
	}
	event, err := d.nextPacket(expectSize)
	switch {
	case err != nil || event.Kind == token.NeedData:
		return event, err
	case empty:
		d.endContent()
	case d.bare:
		return event, d.brings(d.left)
	}
	return event, nil
}

// brings begins a packet's content. More is asked for at once, and not when this has come: on its way back, the question
// confirms what has arrived, for which many a web server waits before it sends the rest of the packet.
func (d *Decoder) brings(size int) *parser.SyntaxError {
	if err := d.request.Brings(&d.Buffer, int64(size)); err != nil {
		return err
	}
	d.state, d.left = expectChunk, size
	if d.ahead = !d.enough && !d.request.Complete(); d.ahead {
		d.state = expectAsking
	}
	return nil
}

// ask has the web server asked for content.
func (d *Decoder) ask(then state) token.Event {
	d.state = then
	return token.Event{Kind: token.GotReply, Name: "Get Body Chunk", Spec: specResponse, Reply: AppendGetBodyChunk(nil)}
}

// nextSize reads how much content the packet has, which its header says, too. 0 is the end of it as well: it is what
// mod_proxy_ajp sends.
//
// Looser than "Request Packet Structure" (Size (2 bytes) and corresponding body data): lighttpd 1.4.69 sends no size. The
// first packet tells, and the others must be like it. Where content passes for a size, or the other way round, what has
// come in the end is not as long as content-length, so that it is refused; where there is no content-length, so is this.
func (d *Decoder) nextSize() (token.Event, *parser.SyntaxError) {
	size, there, err := d.integerAt(0)
	wrong := err != nil || there && size != d.left-integerSize
	switch {
	case wrong && d.request.Received == 0 && d.request.Length != token.Unknown:
		d.bare = true
		if err := d.brings(d.left); err != nil {
			return token.Event{}, err
		}
		return d.next()
	case err != nil || !there:
		return token.Event{}, err
	case size != d.left-integerSize:
		return token.Event{}, d.Refuse(chunkBad, 0)
	case size == 0:
		if err := d.checkEnd(); err != nil {
			return token.Event{}, err
		}
		event := d.Token(token.GotFrame, "Data size", specPacket, integerSize)
		d.endContent()
		return event, nil
	}
	event := d.Token(token.GotFrame, "Data size", specPacket, integerSize)
	return event, d.brings(size)
}

// checkEnd: no more content may be missing, if it is wanted.
func (d *Decoder) checkEnd() *parser.SyntaxError {
	if d.enough {
		return nil
	}
	return d.request.Ends(&d.Buffer)
}

// nextChunk hands out what is there of the content.
func (d *Decoder) nextChunk() token.Event {
	event := d.Some(token.GotContent, "Data", specPacket, int64(d.left))
	if d.left -= len(event.Data); d.left == 0 {
		d.asked, d.ahead = d.ahead, false
		d.continueContent()
	}
	return event
}
