namespace Unlearn.Cli.Images;

/// <summary>Memory that a study of images takes: images are decoded a few at a time, but training rows lie in memory.</summary>
internal static class MemoryNeed
{
    // Training rows hold the features twice; the search for near-duplicates takes three more copies, the reading one.
    private const int Copies = 6;

    /// <summary>Checks that the rows fit, before any is decoded.</summary>
    /// <param name="rows">Training and test rows.</param>
    /// <param name="features">Features of a row.</param>
    /// <param name="available">Memory in bytes.</param>
    /// <exception cref="ArgumentException">They do not fit.</exception>
    public static void Check(int rows, int features, long available)
    {
        var bytesOfRow = (long)features * sizeof(float);
        var fitting = Math.Min(available / (Copies * bytesOfRow), Array.MaxLength / features);
        if (rows > fitting)
            throw new ArgumentException(Invariant(
                $"{rows} rows of {features} values take about {rows * bytesOfRow * Copies / 1e9:0.0} GB at their peak, ")
                + Invariant($"and {available / 1e9:0.0} GB are there: ask for at most {fitting} training and test --rows together, or a smaller --size."));
    }
}
