// Package signin lets members of staff in and out. Buyers have no account here: they have secret
// links. A wrong password, an unknown e-mail and a disabled account look the same.
package signin
