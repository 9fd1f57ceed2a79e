namespace Unlearn.Transforms.MLNetModels;

/// <summary>
/// A few feature vectors, always the same, to see what a transformer does with any: zeros, then normally distributed values of several scales.
/// </summary>
internal static class ProbeRows
{
    public const int Count = 16;

    public static float[] Create(int width)
    {
        var random = new SeededRandom(1);
        var values = new float[Count * width];
        for (var i = width; i < values.Length; i++)
            values[i] = (float)(random.NextNormal() * Scale(i / width));
        return values;
    }

    /// <summary>As many texts, as features.</summary>
    public static float[] OfTexts(int width)
    {
        var values = new float[Count * width];
        for (var i = 0; i < Count; i++)
        {
            var text = string.Join(' ', Enumerable.Range(0, 3 * i).Select(word => Words[(i * 5 + word * 7) % Words.Length]));
            TextFeatures.Encode(text.AsSpan(0, Math.Min(text.Length, width)), values.AsSpan(i * width, width));
        }
        return values;
    }

    private static readonly string[] Words =
        ["the", "good", "bad", "film", "price", "Monday", "not", "very", "7", "!", "is", "I", "question", "server", "love", "terrible"];

    private static double Scale(int row) => (row % 3) switch { 0 => 0.1, 1 => 1, _ => 10 };
}
