using Microsoft.ML.Data;

namespace Unlearn.Examples.FashionMnist;

/// <summary>An image as a row of a data view.</summary>
internal sealed class ImageRow
{
    // Mean and standard deviation of Fashion-MNIST's training pixels, as is usual.
    private const float Mean = 0.2860f;
    private const float Deviation = 0.3530f;

    public int RowId { get; set; }

    [VectorType(Image.Pixels)]
    public float[] Features { get; set; } = [];

    // ML.NET counts keys of objects from 0.
    [KeyType(10)]
    public uint Label { get; set; }

    public static ImageRow From(Image image) => new()
    {
        RowId = image.Row,
        Features = Array.ConvertAll(image.Gray, gray => (gray / 255f - Mean) / Deviation),
        Label = image.Label,
    };
}
