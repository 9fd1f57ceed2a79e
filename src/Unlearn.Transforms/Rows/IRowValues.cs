namespace Unlearn.Transforms.Rows;

/// <summary>Numbers of rows, in memory or in a file. Several threads may read them at once.</summary>
internal interface IRowValues
{
    /// <summary>Number of rows.</summary>
    int Count { get; }

    /// <summary>Numbers of a row.</summary>
    int Width { get; }

    /// <summary>Reads consecutive rows, as many as have room.</summary>
    void Read(int row, Span<float> values);
}
