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
		return token.Event{Kind: token.GotReply, Name: "Get Body Chunk", Spec: specResponse, Reply: AppendGetBodyChunk(nil)}, nil
	}
	empty := d.Len() >= headerSize && binary.BigEndian.Uint16(d.Unread()[2:]) == 0
	if empty {
		if err := d.checkEnd(); err != nil {
			return token.Event{}, err
		}
	}
	event, err := d.nextPacket(expectSize)
	if empty && err == nil {
		d.endContent()
	}
	return event, err
}

// nextSize reads how much content the packet has, which its header says, too. 0 is the end of it as well: it is what
// mod_proxy_ajp sends.
func (d *Decoder) nextSize() (token.Event, *parser.SyntaxError) {
	size, there, err := d.integerAt(0)
	switch {
	case err != nil || !there:
		return token.Event{}, err
	case size != d.left-integerSize:
		return token.Event{}, d.Refuse(chunkBad, 0)
	case size == 0:
		err = d.checkEnd()
	default:
		err = d.request.Brings(&d.Buffer, int64(size))
	}
	if err != nil {
		return token.Event{}, err
	}
	d.state, d.left = expectChunk, size
	event := d.Token(token.GotFrame, "Data size", specPacket, integerSize)
	if size == 0 {
		d.endContent()
	}
	return event, nil
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
		d.asked = false
		d.continueContent()
	}
	return event
}
