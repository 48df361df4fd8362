package mail

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// TLS says whether a connection may stay in clear text.
type TLS string

// The two policies. Mandatory is what a zero value means.
const (
	Mandatory     TLS = "mandatory"
	Opportunistic TLS = "opportunistic" // encrypt when the server offers it: for a relay on the same host
)

// SMTPSettings tell how to reach the relay.
type SMTPSettings struct {
	Host     string
	Port     int // 587 when zero
	Username string
	Password string
	TLS      TLS
	From     Address
	Timeout  time.Duration // 15 s when zero
}

// SMTP hands letters to a relay, one connection a letter.
type SMTP struct {
	host    string
	from    Address
	options []gomail.Option
}

const (
	submissionPort = 587
	smtpTimeout    = 15 * time.Second
)

// NewSMTP checks the settings; it does not connect.
func NewSMTP(s SMTPSettings) (*SMTP, error) {
	if err := s.From.check(); err != nil {
		return nil, err
	}
	policy := gomail.TLSMandatory
	switch s.TLS {
	case Mandatory, "":
	case Opportunistic:
		policy = gomail.TLSOpportunistic
	default:
		return nil, fmt.Errorf("mail: unknown TLS policy %q (%s or %s)", s.TLS, Mandatory, Opportunistic)
	}
	if s.Port == 0 {
		s.Port = submissionPort
	}
	if s.Timeout == 0 {
		s.Timeout = smtpTimeout
	}
	_, domain, _ := strings.Cut(s.From.Mail, "@")
	options := []gomail.Option{
		gomail.WithPort(s.Port), gomail.WithTLSPolicy(policy), gomail.WithTimeout(s.Timeout), gomail.WithHELO(domain),
	}
	if s.Username != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover),
			gomail.WithUsername(s.Username), gomail.WithPassword(s.Password))
	}
	smtp := &SMTP{host: s.Host, from: s.From, options: options}
	_, err := smtp.client(new(line))
	return smtp, err
}

// line is the one connection of a letter. The library forgets it when the relay refuses
// encryption, so it is closed here however the sending ends.
type line struct{ conn net.Conn }

func (l *line) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	l.conn = conn
	return conn, err
}

func (l *line) hangUp() {
	if l.conn != nil {
		_ = l.conn.Close()
	}
}

func (s *SMTP) client(l *line) (*gomail.Client, error) {
	return gomail.NewClient(s.host, append(slices.Clone(s.options), gomail.WithDialContextFunc(l.dial))...)
}

// Send implements Sender. An error other than ErrUnsendable may pass: send again.
func (s *SMTP) Send(ctx context.Context, m Message) error {
	msg, err := compose(s.from, m)
	if err != nil {
		return err
	}
	var l line
	defer l.hangUp()
	client, err := s.client(&l)
	if err != nil {
		return err
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		return fmt.Errorf("mail %s over %s: %w", m.ID, s.host, err)
	}
	return nil
}
