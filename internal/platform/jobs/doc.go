// Package jobs runs work after a commit: mail, card-bank calls, sweeps. A job is inserted in the
// transaction whose consequence it is; it may run twice, so every effect is guarded or keyed.
package jobs
