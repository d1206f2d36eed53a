/* argv -> command row -> exit status; flushes stdout and fails if that fails. */
int main(void)
{
    return 0;
}
