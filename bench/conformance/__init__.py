"""The official conformance suite and the Inspector against both servers; needs Node 22 and npm."""
