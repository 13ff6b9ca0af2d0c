"""A finished release on an external collection, such as another hospital's: may its call be used?"""
