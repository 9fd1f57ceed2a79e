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

    private static double Scale(int row) => (row % 3) switch { 0 => 0.1, 1 => 1, _ => 10 };
}
