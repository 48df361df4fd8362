package main

import (
	"net"
	"net/http"
	"time"

	"forecourt/internal/payment"
	"forecourt/internal/payment/stripegw"
	"forecourt/internal/platform/clock"
	"forecourt/internal/stripesim"
)

// ownBank is a card bank in memory, behind HTTP, that tells nobody anything.
type ownBank struct {
	bank    *stripesim.Bank
	server  *http.Server
	gateway payment.Gateway
	person  *http.Client // who pays at its pages
}

func newOwnBank() (*ownBank, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	b := &ownBank{person: newPerson()}
	if b.bank, err = stripesim.New(stripesim.Options{SecretKey: cardKey, PublicURL: "http://" + l.Addr().String(), Clock: clock.System{}}); err != nil {
		return nil, err
	}
	if b.gateway, err = stripegw.New(stripegw.Config{SecretKey: cardKey, WebhookSecrets: []string{cardSecret}, URL: "http://" + l.Addr().String(), Account: "cardbank"}); err != nil {
		return nil, err
	}
	b.server = &http.Server{Handler: b.bank.Handler(), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = b.server.Serve(l) }()
	return b, nil
}

// newPerson keeps its connections, as a browser does.
func newPerson() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
}

func (b *ownBank) close() {
	_ = b.server.Close()
	_ = b.bank.Close()
}
