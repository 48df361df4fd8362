package identity

import (
	"context"
	"errors"
	"strings"
	"time"

	"forecourt/internal/id"
	"forecourt/internal/platform/db"
	"forecourt/internal/platform/fault"

	"github.com/golang-jwt/jwt/v5"
)

// What a token says about itself.
const (
	tokenIssuer   = "forecourt"
	tokenAudience = "dealer-api"
	tokenType     = "at+jwt" // so that a token signed here for another use is not taken for access
	tokenLife     = 15 * time.Minute
	tokenLeeway   = 30 * time.Second
	maxTokenBytes = 2048
)

// Tokens lets dealers' systems in.
type Tokens struct {
	db     *db.DB
	keys   Keys
	parser *jwt.Parser
}

// Caller is a machine that showed a good token.
type Caller struct {
	Client  id.APIClient
	Dealer  id.Dealer // empty for a partner, who belongs to none
	Token   string    // the token's own id
	Expires time.Time
	Reports bool // may report how far cars are
	Stock   bool // may bring used cars in
	Cars    bool // may read what keepers of cars let it read
}

type claims struct {
	jwt.RegisteredClaims
	Dealer id.Dealer `json:"dealer,omitempty"`
}

// NewTokens makes the keeper of access tokens.
func NewTokens(d *db.DB, k Keys) *Tokens {
	return &Tokens{db: d, keys: k, parser: jwt.NewParser(
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
		jwt.WithIssuer(tokenIssuer), jwt.WithAudience(tokenAudience),
		jwt.WithExpirationRequired(), jwt.WithNotBeforeRequired(), jwt.WithIssuedAt(),
		jwt.WithLeeway(tokenLeeway), jwt.WithTimeFunc(d.Clock.Now), jwt.WithStrictDecoding())}
}

func (t *Tokens) sign(c id.APIClient, dealer id.Dealer) (string, time.Time, error) {
	now := t.db.Clock.Now().Truncate(time.Second)
	expires := now.Add(tokenLife)
	token := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims{Dealer: dealer, RegisteredClaims: jwt.RegisteredClaims{
		Issuer: tokenIssuer, Subject: string(c), Audience: jwt.ClaimStrings{tokenAudience}, ID: id.New[string](),
		IssuedAt: jwt.NewNumericDate(now), NotBefore: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(expires)}})
	token.Header["kid"], token.Header["typ"] = t.keys.kid, tokenType
	signed, err := token.SignedString(t.keys.sign)
	return signed, expires, err
}

// Verify tells who shows the token. Every way of being wrong is ErrToken; the reason is its cause,
// for the log.
func (t *Tokens) Verify(ctx context.Context, token string) (Caller, error) {
	c, err := t.read(token)
	if err != nil {
		return Caller{}, fault.Wrap(ErrToken.Kind, ErrToken.Key, ErrToken.Op, err)
	}
	ok, err := clientStands(t.db.Read(ctx), &c)
	if err != nil {
		return Caller{}, err
	}
	if !ok {
		return Caller{}, fault.Wrap(ErrToken.Kind, ErrToken.Key, ErrToken.Op, errRevoked)
	}
	return c, nil
}

var (
	errRevoked = errors.New("the token or its client is revoked")
	errSize    = errors.New("the token is too long")
	errHeader  = errors.New("the token's header is not ours")
	errKey     = errors.New("the token's key is not known")
	errClaims  = errors.New("the token's claims are not as we write them")
)

// read checks all that needs no database.
func (t *Tokens) read(token string) (Caller, error) {
	if len(token) > maxTokenBytes {
		return Caller{}, errSize
	}
	var c claims
	if _, err := t.parser.ParseWithClaims(token, &c, t.key); err != nil {
		return Caller{}, err
	}
	// The library checks what is there; a token of ours has all of it.
	if len(c.Audience) != 1 || c.IssuedAt == nil || !id.IsKey(c.Subject) || !id.IsKey(c.ID) {
		return Caller{}, errClaims
	}
	if c.ExpiresAt.Sub(c.IssuedAt.Time) > tokenLife {
		return Caller{}, errClaims
	}
	return Caller{Client: id.APIClient(c.Subject), Dealer: c.Dealer, Token: c.ID, Expires: c.ExpiresAt.Time}, nil
}

// key gives the public half and nothing else: the algorithm is bound to its type, so that a token
// signed by HMAC with the public key finds no key it fits.
func (t *Tokens) key(token *jwt.Token) (any, error) {
	if typ, _ := token.Header["typ"].(string); typ != tokenType {
		return nil, errHeader
	}
	if _, ok := token.Header["crit"]; ok {
		return nil, errHeader
	}
	name, _ := token.Header["kid"].(string)
	public, ok := t.keys.verify[name]
	if !ok {
		return nil, errKey
	}
	return public, nil
}

// Revoke ends one token before its time. The list forgets it when it would be refused anyway.
func (t *Tokens) Revoke(ctx context.Context, jti string) error {
	jti = strings.ToLower(jti)
	if !id.IsKey(jti) {
		return ErrToken
	}
	return t.db.InTx(ctx, func(ctx context.Context, tx *db.Tx) error {
		return revokeTokenTx(tx, jti, tx.Now.Add(tokenLife+2*tokenLeeway))
	})
}
