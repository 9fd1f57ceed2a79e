namespace Unlearn.Transforms.Rows;

/// <summary>Features of rows, in memory or in a file.</summary>
internal interface IFeatureSource : IDisposable
{
    /// <summary>Number of rows.</summary>
    int Count { get; }

    /// <summary>Features of a row.</summary>
    int Width { get; }

    /// <summary>Adds a row; the array is the source's from then on.</summary>
    void Add(float[] row);

    /// <summary>Reads consecutive rows, as many as have room.</summary>
    void Read(int row, Span<float> values);

    /// <summary>The rows in another order. This source is used up.</summary>
    IFeatureSource InOrder(int[] order);
}
