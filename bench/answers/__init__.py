"""Whether answers of search_code keep what they promise, on real trees and questions drawn by chance."""
