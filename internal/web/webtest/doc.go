// Package webtest is what tests of web surfaces share: a kit over a database of their own with the
// demo's world, staff who are signed in, and orders in any state. Only tests import it.
package webtest
