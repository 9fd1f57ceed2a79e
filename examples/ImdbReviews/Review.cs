namespace Unlearn.Examples.ImdbReviews;

/// <summary>A film review.</summary>
/// <param name="Id">
/// Number and rating, as in the names of aclImdb's files: <c>17_9</c>. The rating tells positive from negative reviews, which are numbered alike.
/// </param>
/// <param name="IsPositive">Its label.</param>
/// <param name="Text">Its text.</param>
internal sealed record Review(string Id, bool IsPositive, string Text);
