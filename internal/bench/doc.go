// Command bench prints the table of speeds: our pages, bookings and whole purchases beside bare floors,
// on the same machine in the same run. It starts everything itself on loopback and in a folder of its
// own, prints figures and aims, and judges nothing: a figure means something only beside its floor,
// because the load generator, the card bank, the mail sink and PostgreSQL share the machine's cores.
package main
