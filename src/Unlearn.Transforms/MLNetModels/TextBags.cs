using TorchSharp;

namespace Unlearn.Transforms.MLNetModels;

/// <summary>Where texts lie: near those that have words in common with them.</summary>
internal static class TextBags
{
    /// <summary>Bags of words, rows × <see cref="TextFeatures.BagSize"/>.</summary>
    /// <param name="features">Features that hold texts, row-major.</param>
    /// <param name="width">Features of a row.</param>
    public static torch.Tensor Of(float[] features, int width)
    {
        var rows = features.Length / width;
        var points = new float[rows * TextFeatures.BagSize];
        for (var row = 0; row < rows; row++)
            TextFeatures.Bag(TextFeatures.Decode(features.AsSpan(row * width, width)), points.AsSpan(row * TextFeatures.BagSize, TextFeatures.BagSize));
        return torch.tensor(points, [rows, TextFeatures.BagSize]);
    }
}
