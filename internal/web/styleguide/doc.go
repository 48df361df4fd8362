// Package styleguide is the living page of the look: every token, part and state, built of the same
// templates, classes and drawings as the product, with the colours of all brands beside one another. Only the
// demo serves it. Its readers are those who build the house, so its words are English, written where they
// stand and not in the catalogues.
package styleguide
