// Package photo makes pictures that strangers send harmless: it looks at type and size before anything is
// unpacked, turns the picture as the camera meant it, makes it smaller, and writes it anew as JPEG. What was hidden
// in the file (place, time, device, another file behind the picture) is gone. It keeps nothing.
package photo
