// Package limit counts attempts in the database, so that a limit holds over all instances.
package limit
