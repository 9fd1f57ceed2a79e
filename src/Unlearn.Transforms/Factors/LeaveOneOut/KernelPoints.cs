using TorchSharp;
using Unlearn.Transforms.Numerics;

namespace Unlearn.Transforms.Factors.LeaveOneOut;

/// <summary>
/// Turns rows into points for a kernel that depends on distances. A row of features is its own point. For a row of tokens, each coordinate is the square root
/// of a token's share of the row, so distances are Hellinger distances up to a factor. Values beyond the first 4,096 are added to or subtracted from random
/// coordinates (count sketch; Charikar, Chen and Farach-Colton 2002). This changes distances by a few hundredths.
/// </summary>
internal static class KernelPoints
{
    /// <summary>Largest number of coordinates of a point.</summary>
    public const int LargestWidth = 4096;

    /// <summary>Turns rows of features into points.</summary>
    /// <param name="features">Rows × features.</param>
    public static torch.Tensor OfFeatures(torch.Tensor features)
    {
        if (features.shape[1] <= LargestWidth)
            return features;
        return Fill(features, static (row, point) =>
        {
            for (var i = 0; i < row.Length; i++)
                Add(point, i, row[i]);
        });
    }

    /// <summary>Turns rows of tokens into points. Token 0 is padding and does not count.</summary>
    /// <param name="tokens">Rows × tokens, whole numbers from 0.</param>
    public static torch.Tensor OfTokens(torch.Tensor tokens) => Fill(tokens, static (row, point) =>
    {
        var counts = new Dictionary<int, int>();
        foreach (var token in row)
            if ((int)token != TokenAverage.Padding)
                counts[(int)token] = counts.GetValueOrDefault((int)token) + 1;
        var total = (float)counts.Values.Sum();
        foreach (var (token, count) in counts)
            Add(point, token, MathF.Sqrt(count / total));
    });

    private delegate void Filling(ReadOnlySpan<float> row, Span<float> point);

    private static torch.Tensor Fill(torch.Tensor rows, Filling fill)
    {
        var points = torch.zeros(rows.shape[0], LargestWidth);
        var from = FloatSpan.Of(rows);
        var to = FloatSpan.Of(points);
        var places = (int)rows.shape[1];
        for (var row = 0; row < rows.shape[0]; row++)
            fill(from.Slice(row * places, places), to.Slice(row * LargestWidth, LargestWidth));
        return points;
    }

    private static void Add(Span<float> point, int index, float value)
    {
        if (index < point.Length)
        {
            point[index] += value;
            return;
        }
        var hash = Mixed((ulong)index);
        point[(int)(hash % (ulong)point.Length)] += (long)hash < 0 ? -value : value;
    }

    // SplitMix64's finalizer (Steele, Lea and Flood 2014).
    private static ulong Mixed(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9;
        value = (value ^ value >> 27) * 0x94D049BB133111EB;
        return value ^ value >> 31;
    }
}
