def softmax(scores):
    """Turns scores into weights that sum to one."""
    largest = max(scores)
    exponentials = [exp(score - largest) for score in scores]
    total = sum(exponentials)
    return [value / total for value in exponentials]


def attention(query, keys, values):
	scores = [dot(query, key) / sqrt(len(key)) for key in keys]
	weights = softmax(scores)
	return sum(weight * value for weight, value in zip(weights, values))
