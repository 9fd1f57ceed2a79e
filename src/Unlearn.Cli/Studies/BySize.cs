namespace Unlearn.Cli.Studies;

/// <summary>One value for each size of a study.</summary>
/// <param name="Small">That of <c>--short</c>.</param>
/// <param name="Usual">The usual one.</param>
/// <param name="Full">That of <c>--full</c>.</param>
internal sealed record BySize<T>(T Small, T Usual, T Full)
{
    /// <summary>The value of a size.</summary>
    public T Of(StudySize size) => size switch
    {
        StudySize.Small => Small,
        StudySize.Full => Full,
        _ => Usual,
    };

    /// <inheritdoc/>
    public override string ToString() => $"Default {Usual}, short {Small}, full {Full}.";
}
