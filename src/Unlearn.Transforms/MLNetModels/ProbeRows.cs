namespace Unlearn.Transforms.MLNetModels;

/// <summary>A few feature vectors, always the same, to see what a transformer does with any: zeros, then normally distributed values of several scales.</summary>
internal static class ProbeRows
{
    public const int Count = 16;

    public static float[] Create(int width)
    {
        var random = new Random(1);
        var values = new float[Count * width];
        for (var i = width; i < values.Length; i++)
            values[i] = (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()) * Scale(i / width));
        return values;
    }

    private static double Scale(int row) => (row % 3) switch { 0 => 0.1, 1 => 1, _ => 10 };
}
