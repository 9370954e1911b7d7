package fastcgi

import (
	"encoding/binary"

	"glasswsgi/server/gateway/token"
)

// nextBegin reads FCGI_BeginRequestBody:
//
//	roleB1 roleB0 flags reserved[5]                                                                  (FastCGI §5.1)
//
// A request that we cannot take is ended at once; it never becomes active, and its further records are ignored. That we
// take one at a time is what most applications do, and FCGI_GET_VALUES says so to those that ask.
func (d *Decoder) nextBegin() token.Event {
	if d.Len() < bodySize {
		return token.Event{}
	}
	event := d.Token(token.GotFrame, "FCGI_BeginRequestBody", "FastCGI §5.1", bodySize)
	role := Role(binary.BigEndian.Uint16(event.Data))
	switch {
	case d.phase != noRequest:
		d.refuseRequest(CantMpxConn)
	case role != Responder:
		d.refuseRequest(UnknownRole)
	default:
		d.phase = inParams
		d.id, d.keep = d.record.RequestID, event.Data[2]&keepConn != 0
		d.request = token.NewRequest(d.limits, token.Unknown)
	}
	d.taken(bodySize)
	return event
}

func (d *Decoder) refuseRequest(status ProtocolStatus) {
	d.Due(token.GotReply, status.String(), "FastCGI §5.5", AppendEndRequest(nil, d.record.RequestID, 0, status))
}
