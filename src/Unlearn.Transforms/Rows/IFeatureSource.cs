namespace Unlearn.Transforms.Rows;

/// <summary>Features of rows, in memory or in a file, to which rows are added.</summary>
internal interface IFeatureSource : IRowValues, IDisposable
{
    /// <summary>A source without rows.</summary>
    /// <param name="folder">Folder of its temporary file; <see langword="null"/> for memory.</param>
    /// <param name="width">Features of a row.</param>
    static IFeatureSource Create(string? folder, int width) => folder is null ? new FeatureList(width) : FeatureFile.Temporary(folder, width);

    /// <summary>Adds a row; the array is the source's from then on.</summary>
    void Add(float[] row);

    /// <summary>The rows in another order. This source is used up.</summary>
    IFeatureSource InOrder(int[] order);
}
