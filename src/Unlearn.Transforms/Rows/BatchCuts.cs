namespace Unlearn.Transforms.Rows;

/// <summary>
/// Where a pass over rows is cut into batches. A lone last row joins the batch before it: it has no variance of its own, so batch normalization would make
/// NaN of it.
/// </summary>
/// <param name="Rows">Number of rows.</param>
/// <param name="BatchSize">Rows of a batch, from 1; the last may have fewer, or one more.</param>
/// <param name="KeepsLoneRow">Whether a lone last row is a batch by itself all the same.</param>
internal readonly record struct BatchCuts(int Rows, int BatchSize, bool KeepsLoneRow = false)
{
    /// <summary>Number of batches.</summary>
    public int Count => Rows / BatchSize + (Rows % BatchSize == 0 || JoinsLoneRow ? 0 : 1);

    /// <summary>Rows of the largest batch.</summary>
    public int Largest => JoinsLoneRow ? BatchSize + 1 : Math.Min(Rows, BatchSize);

    /// <summary>Whether a batch has a single row.</summary>
    public bool HasLoneRow => Rows > 0 && (BatchSize == 1 || Rows % BatchSize == 1 && !JoinsLoneRow);

    /// <summary>Where a batch begins, and where it ends.</summary>
    /// <param name="batch">Its number, from 0.</param>
    public (int Start, int Length) this[int batch]
    {
        get
        {
            var start = batch * BatchSize;
            return (start, batch == Count - 1 ? Rows - start : BatchSize);
        }
    }

    private bool JoinsLoneRow => !KeepsLoneRow && BatchSize > 1 && Rows > BatchSize && Rows % BatchSize == 1;
}
